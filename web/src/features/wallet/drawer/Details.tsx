import { count } from '@/format/numbers'
import { featureName } from '@/format/words'
import { categoryOf, CopyId, kit } from '@/ui/kit'
import s from './drawer.module.css'
import { Line } from './Line'
import { says } from './messages'
import { usePurchase } from './purchase'
import type { SectionProps } from './sections'

/** By which names it is known elsewhere: its key, its source, its payment and its invoice. */
export function Details({ receipt: { transaction: t } }: SectionProps) {
  const { order, invoice } = usePurchase(t)
  const lines: [string, string | null][] = [
    [says.details.category, t.category && categoryOf(t.category).name],
    [says.details.sequence, count(t.sequence)],
    [says.details.note, t.note ?? null],
    [says.details.paidBy, order ? says.methods[order.payment_method] : null],
  ]
  const ids: [string, string | null][] = [
    [says.details.key, t.idempotency_key],
    [t.source ? featureName(t.source.toUpperCase()) : says.details.source, t.source_id],
    [says.details.order, order?.id ?? null],
    [says.details.other, t.counterpart_wallet_id ?? null],
  ]
  return (
    <section className={s.section}>
      <h3>{says.details.title}</h3>
      <dl className={s.details}>
        {lines.map(
          ([label, said]) =>
            said && (
              <Line key={label} label={label}>
                {said}
              </Line>
            ),
        )}
        {ids.map(
          ([label, id]) =>
            id && (
              <Line key={label} label={label}>
                <CopyId value={id} label={says.ids.of(label)} />
              </Line>
            ),
        )}
        {invoice && (
          <Line label={says.details.invoice}>
            <a className={kit.link} href={`/v1/invoices/${invoice.id}.pdf`} download>
              {invoice.number}
            </a>
          </Line>
        )}
      </dl>
    </section>
  )
}
