import { lazy } from 'react'
import { Button, SegmentedControl } from '@mantine/core'
import { IconChevronDown, IconDownload } from '@tabler/icons-react'
import { month } from '@/format/times'
import { useChosenWallet } from '@/session/wallet'
import { Guarded, OnDemandMenu, Page, PageHead } from '@/ui/kit'
import { useNow } from '@/ui/useNow'
import { ByCategory } from './ByCategory'
import { Caps } from './Caps'
import { DailyChart } from './DailyChart'
import { Figures } from './Figures'
import { BusiestHours } from './BusiestHours'
import { Insight } from './Insight'
import { TopFeatures } from './TopFeatures'
import { TopMembers } from './TopMembers'
import { GROUPS, usePeriod } from './usePeriod'
import s from './usage.module.css'
import { WORDS } from './words'

const load = () => import('./GroupChoice')
const GroupChoice = lazy(load)

/** Where do credits go, what comes next, what should I change? */
export default function Usage() {
  const { wallet } = useChosenWallet()
  const { range, by, change, csvUrl } = usePeriod()
  const now = useNow()
  return (
    <Page>
      <PageHead title="Usage" sub="Where credits go, and what comes next.">
        <Button
          component="a"
          href={csvUrl('series')}
          download
          variant="default"
          leftSection={<IconDownload size={16} stroke={1.8} />}
        >
          Export CSV
        </Button>
      </PageHead>
      <div className={s.bar}>
        <SegmentedControl
          aria-label="Period"
          value={range}
          onChange={(chosen) => change({ range: Number(chosen) || chosen })}
          data={[
            { value: '7', label: '7 days' },
            { value: '30', label: '30 days' },
            { value: 'month', label: month(new Date(now).toISOString(), wallet.time_zone) },
            { value: '90', label: '90 days' },
          ]}
        />
        <OnDemandMenu load={load} menu={(opener) => <GroupChoice opener={opener} />}>
          <Button variant="default" rightSection={<IconChevronDown size={14} stroke={1.8} />}>
            By {GROUPS[by].toLowerCase()}
          </Button>
        </OnDemandMenu>
      </div>
      <Figures />
      <div className={s.columns}>
        <div className={s.column}>
          <Guarded what={WORDS.broken}>
            <DailyChart />
          </Guarded>
          <Guarded what={WORDS.broken}>
            <Insight />
          </Guarded>
          <Guarded what={WORDS.broken}>
            <TopFeatures />
          </Guarded>
        </div>
        <div className={s.column}>
          <Guarded what={WORDS.broken}>
            <ByCategory />
          </Guarded>
          <Guarded what={WORDS.broken}>
            <Caps />
          </Guarded>
          <Guarded what={WORDS.broken}>
            <BusiestHours />
          </Guarded>
          <Guarded what={WORDS.broken}>
            <TopMembers />
          </Guarded>
        </div>
      </div>
    </Page>
  )
}
