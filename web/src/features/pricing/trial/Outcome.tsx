import type { components } from '@/api/schema'
import { count } from '@/format/numbers'
import { dayOfYear } from '@/format/times'
import { featureName } from '@/format/words'
import { useChosenWallet } from '@/session/wallet'
import { kit } from '@/ui/kit'
import { says } from '../messages'
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
        <Line label={says.outcome.actual} credits={trial.actual_credits} />
        <Line label={says.outcome.proposed} credits={trial.proposed_credits} />
        <div>
          <dt>{says.outcome.dryWallets}</dt>
          <dd>{says.outcome.of(trial.runs_dry_count, trial.wallet_count)}</dd>
        </div>
      </dl>
      {changed.length > 0 && (
        <>
          <h3>{says.outcome.byOperation}</h3>
          <dl className={kit.facts}>
            {changed.map((each) => (
              <div key={each.feature}>
                <dt>
                  {featureName(each.feature)}
                  <small>{says.outcome.operations(each.count)}</small>
                </dt>
                <dd>{says.outcome.change(each.actual_credits, each.proposed_credits)}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
      {dry.length > 0 && (
        <>
          <h3>{says.outcome.dry}</h3>
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
