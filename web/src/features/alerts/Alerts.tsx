import { SegmentedControl } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { ago } from '@/format/times'
import { useKhata } from '@/react'
import { useMay } from '@/session/session'
import { useChosenWallet } from '@/session/wallet'
import { AlertItem, useAcknowledge } from '@/ui/alerts'
import { Card, Empty, Failed, kit, Page, PageHead, Pill, Quiet, RowSkeletons } from '@/ui/kit'
import { usePages } from '@/ui/table'
import { useNow } from '@/ui/useNow'
import { Button } from '@mantine/core'
import s from './alerts.module.css'
import { says } from './messages'
import { Protection } from './Protection'
import { Rules } from './Rules'

const STATES = ['open', 'acknowledged', 'resolved'] as const
type State = (typeof STATES)[number]

/** What happened that somebody should know, and what is worth a word. */
export default function Alerts() {
  return (
    <Page>
      <PageHead title={says.title} sub={says.sub} />
      <div className={s.columns}>
        <div className={s.column}>
          <Protection />
          <Past />
        </div>
        <Rules />
      </div>
    </Page>
  )
}

function Past() {
  const { wallet } = useChosenWallet()
  const { khata } = useKhata()
  const { state: told } = useSearch({ from: '/org/alerts' })
  const navigate = useNavigate({ from: '/org/alerts' })
  const now = useNow()
  const may = useMay('wallets:write')
  const acknowledge = useAcknowledge(wallet.id)
  const state: State = STATES.find((each) => each === told) ?? 'open'
  const path = '/v1/wallets/{wallet_id}/alerts'
  const params = { path: { wallet_id: wallet.id }, query: { state } }
  const { rows, error, onRetry, more, isLoadingMore } = usePages(
    ['get', path, { params }],
    (cursor, signal) =>
      khata.api.GET(path, {
        params: { path: params.path, query: { state, limit: 50, ...cursor } },
        signal,
      }),
  )
  return (
    <Card
      title={says.past.title}
      padded={false}
      right={
        <SegmentedControl
          size="xs"
          aria-label={says.past.state}
          value={state}
          onChange={(chosen) => void navigate({ search: (known) => ({ ...known, state: chosen }) })}
          data={STATES.map((value) => ({ value, label: says.states[value] }))}
        />
      }
    >
      {error && !rows ? (
        <div className={kit.cardBody}>
          <Failed what={says.past.notLoaded} error={error} onRetry={onRetry} />
        </div>
      ) : !rows ? (
        <div className={kit.cardBody}>
          <RowSkeletons rows={4} />
        </div>
      ) : rows.length === 0 ? (
        <Empty title={state === 'open' ? says.past.nothingOpen : says.past.nothing} action={null}>
          {says.past.empty}
        </Empty>
      ) : (
        <ul className={kit.listBody}>
          {rows.map((alert) => (
            <AlertItem key={alert.id} alert={alert} zone={wallet.time_zone}>
              <span>{ago(alert.raised_at, now, wallet.time_zone)}</span>
              <StatePill state={alert.state} />
              {may && alert.state === 'open' && (
                <button
                  type="button"
                  className={kit.link}
                  onClick={() => acknowledge.mutate(alert.id)}
                >
                  {says.past.acknowledge}
                </button>
              )}
            </AlertItem>
          ))}
        </ul>
      )}
      {more && (
        <div className={kit.more}>
          <Button variant="default" loading={isLoadingMore} onClick={more}>
            {says.past.more}
          </Button>
        </div>
      )}
    </Card>
  )
}

function StatePill({ state }: { state: State }) {
  const word = says.states[state]
  if (state === 'resolved') return <Quiet>{word}</Quiet>
  return <Pill {...(state === 'open' && { tone: 'warn' })}>{word}</Pill>
}
