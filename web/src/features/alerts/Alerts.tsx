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
import { Protection } from './Protection'
import { Rules } from './Rules'

const STATES = ['open', 'acknowledged', 'resolved'] as const
type State = (typeof STATES)[number]

/** What happened that somebody should know, and what is worth a word. */
export default function Alerts() {
  return (
    <Page>
      <PageHead title="Alerts" sub="What happened that you should know, and who is told." />
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
      title="Past alerts"
      padded={false}
      right={
        <SegmentedControl
          size="xs"
          aria-label="State"
          value={state}
          onChange={(chosen) => void navigate({ search: (known) => ({ ...known, state: chosen }) })}
          data={[
            { value: 'open', label: 'Open' },
            { value: 'acknowledged', label: 'Seen' },
            { value: 'resolved', label: 'Over' },
          ]}
        />
      }
    >
      {error && !rows ? (
        <div className={kit.cardBody}>
          <Failed what="Alerts could not be loaded." error={error} onRetry={onRetry} />
        </div>
      ) : !rows ? (
        <div className={kit.cardBody}>
          <RowSkeletons rows={4} />
        </div>
      ) : rows.length === 0 ? (
        <Empty title={state === 'open' ? 'Nothing needs you' : 'Nothing here'} action={null}>
          An alert is raised once each time that a line is crossed, and ends by itself when it is
          over.
        </Empty>
      ) : (
        <ul className={kit.listBody}>
          {rows.map((alert) => (
            <AlertItem key={alert.id} alert={alert} zone={wallet.time_zone}>
              <span>{ago(alert.raised_at, now, wallet.time_zone)}</span>
              {alert.state === 'open' && <Pill tone="warn">Open</Pill>}
              {alert.state === 'acknowledged' && <Pill>Seen</Pill>}
              {alert.state === 'resolved' && <Quiet>Over</Quiet>}
              {may && alert.state === 'open' && (
                <button
                  type="button"
                  className={kit.link}
                  onClick={() => acknowledge.mutate(alert.id)}
                >
                  Mark as seen
                </button>
              )}
            </AlertItem>
          ))}
        </ul>
      )}
      {more && (
        <div className={kit.more}>
          <Button variant="default" loading={isLoadingMore} onClick={more}>
            Show more
          </Button>
        </div>
      )}
    </Card>
  )
}
