import { lazy } from 'react'
import { Button, SegmentedControl } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { month } from '@/format/times'
import { useChosenWallet } from '@/session/wallet'
import { ExportCsv, Guarded, OnDemandMenu, Page, PageHead } from '@/ui/kit'
import { useNow } from '@/ui/useNow'
import { ByCategory } from './ByCategory'
import { Caps } from './Caps'
import { DailyChart } from './DailyChart'
import { Figures } from './Figures'
import { BusiestHours } from './BusiestHours'
import { Insight } from './Insight'
import { says } from './messages'
import { TopFeatures } from './TopFeatures'
import { TopMembers } from './TopMembers'
import { usePeriod } from './usePeriod'
import s from './usage.module.css'

const load = () => import('./GroupChoice')
const GroupChoice = lazy(load)

/** Where do credits go, what comes next, what should I change? */
export default function Usage() {
  const { wallet } = useChosenWallet()
  const { range, by, change, csvUrl } = usePeriod()
  const now = useNow()
  return (
    <Page>
      <PageHead title={says.title} sub={says.sub}>
        <ExportCsv href={csvUrl('series')} />
      </PageHead>
      <div className={s.bar}>
        <SegmentedControl
          aria-label={says.period}
          value={range}
          onChange={(chosen) => change({ range: Number(chosen) || chosen })}
          data={[
            { value: '7', label: says.days(7) },
            { value: '30', label: says.days(30) },
            { value: 'month', label: month(new Date(now).toISOString(), wallet.time_zone) },
            { value: '90', label: says.days(90) },
          ]}
        />
        <OnDemandMenu load={load} menu={(opener) => <GroupChoice opener={opener} />}>
          <Button variant="default" rightSection={<IconChevronDown size={14} stroke={1.8} />}>
            {says.by(by)}
          </Button>
        </OnDemandMenu>
      </div>
      <Figures />
      <div className={s.columns}>
        <div className={s.column}>
          <Guarded what={says.broken}>
            <DailyChart />
          </Guarded>
          <Guarded what={says.broken}>
            <Insight />
          </Guarded>
          <Guarded what={says.broken}>
            <TopFeatures />
          </Guarded>
        </div>
        <div className={s.column}>
          <Guarded what={says.broken}>
            <ByCategory />
          </Guarded>
          <Guarded what={says.broken}>
            <Caps />
          </Guarded>
          <Guarded what={says.broken}>
            <BusiestHours />
          </Guarded>
          <Guarded what={says.broken}>
            <TopMembers />
          </Guarded>
        </div>
      </div>
    </Page>
  )
}
