import type { components } from '@/api/schema'
import { count, plural } from '@/format/numbers'
import { dayOfYear } from '@/format/times'
import { featureName } from '@/format/words'
import { useChosenWallet } from '@/session/wallet'
import { kit } from '@/ui/kit'
import s from '../pricing.module.css'

type TrialOf = components['schemas']['Trial']

/** What the period cost and would have cost, and who would have run dry. */
export function Outcome({ trial }: { trial: TrialOf }) {
  const { wallet, wallets } = useChosenWallet()
  const nameOf = (id: string) => wallets.find((each) => each.id === id)?.name ?? id
  const changed = trial.features.filter((each) => each.actual_credits !== each.proposed_credits)
  const dry = trial.wallets.filter(({ runs_dry_at }) => runs_dry_at !== null)
  return (
    <div className={s.trial} role="status" data-testid="trial">
      <dl className={kit.facts}>
        <Line label="Was charged" credits={trial.actual_credits} />
        <Line label="Would have been" credits={trial.proposed_credits} />
        <div>
          <dt>Wallets that would have run dry</dt>
          <dd>
            {count(trial.runs_dry_count)} of {count(trial.wallet_count)}
          </dd>
        </div>
      </dl>
      {changed.length > 0 && (
        <>
          <h3>By operation</h3>
          <dl className={kit.facts}>
            {changed.map((each) => (
              <div key={each.feature}>
                <dt>
                  {featureName(each.feature)}
                  <small> {plural(each.count, 'operation')}</small>
                </dt>
                <dd>
                  {count(each.actual_credits)} → {count(each.proposed_credits)}
                </dd>
              </div>
            ))}
          </dl>
        </>
      )}
      {dry.length > 0 && (
        <>
          <h3>Run dry</h3>
          <dl className={kit.facts}>
            {dry.map(({ wallet_id, runs_dry_at }) => (
              <div key={wallet_id}>
                <dt>{nameOf(wallet_id)}</dt>
                <dd>{dayOfYear(runs_dry_at ?? '', wallet.time_zone)}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </div>
  )
}

function Line({ label, credits }: { label: string; credits: number }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{count(credits)}</dd>
    </div>
  )
}
