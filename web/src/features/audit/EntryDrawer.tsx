import { Drawer } from '@mantine/core'
import { moment } from '@/format/times'
import { actorName } from '@/format/words'
import { useChosenWallet } from '@/session/wallet'
import { CopyId, kit, shortened, Walk } from '@/ui/kit'
import { actionName } from './actions'
import s from './audit.module.css'
import type { Entry } from './Audit'
import { differences } from './differences'
import { says } from './messages'

interface Props {
  /** The id of the entry that is open; none closes it. */
  id: string | undefined
  /** Those that are on the page, of which it is one. */
  entries: readonly Entry[]
  open: (id: string | undefined) => void
}

/** One entry whole: who did it, from where, with which request, and what it was before and after. */
export function EntryDrawer({ id, entries, open }: Props) {
  const entry = entries.find((each) => each.id === id)
  return (
    <Drawer
      opened={id !== undefined}
      onClose={() => open(undefined)}
      position="right"
      size={500}
      closeButtonProps={{ 'aria-label': says.entry.close }}
      title={
        <span className={kit.walked} tabIndex={-1} data-autofocus>
          {entry ? actionName(entry.action) : says.entry.title}
          <Walk what={says.entry.what} ids={entries.map((each) => each.id)} id={id} open={open} />
        </span>
      }
    >
      {entry ? <Content entry={entry} /> : <p className={s.part}>{says.entry.further}</p>}
    </Drawer>
  )
}

function Content({ entry }: { entry: Entry }) {
  const { wallet } = useChosenWallet()
  const { actor, actor_name, address, request_id, action, subject, created_at } = entry
  const told = differences(entry.before, entry.after)
  return (
    <>
      <div className={s.part}>
        <dl className={kit.facts}>
          <Fact name={says.entry.when}>{moment(created_at, wallet.time_zone)}</Fact>
          <Fact name={says.entry.who}>
            {actor_name ?? actorName(actor)}
            {actor_name && (
              <CopyId value={actor} short={shortened(actor)} label={says.entry.actorId} />
            )}
          </Fact>
          <Fact name={says.entry.address}>{address ?? '—'}</Fact>
          <Fact name={says.entry.action}>
            <span className="mono">{action}</span>
          </Fact>
          <Fact name={says.entry.subject}>
            <CopyId value={subject} short={shortened(subject)} label={says.entry.subjectId} />
          </Fact>
          {request_id && (
            <Fact name={says.entry.request}>
              <CopyId
                value={request_id}
                short={shortened(request_id)}
                label={says.entry.requestId}
              />
            </Fact>
          )}
        </dl>
      </div>
      <div className={s.part}>
        {told.length === 0 ? (
          <p className={kit.said}>{says.entry.nothing}</p>
        ) : (
          <table className={s.difference}>
            <caption className="vh">{says.entry.caption}</caption>
            <thead>
              <tr>
                <th scope="col">{says.entry.field}</th>
                <th scope="col">{says.entry.before}</th>
                <th scope="col">{says.entry.after}</th>
              </tr>
            </thead>
            <tbody>
              {told.map(({ field, was, is }) => (
                <tr key={field}>
                  <th scope="row">{field}</th>
                  <td>{was === null ? '—' : <del>{was}</del>}</td>
                  <td>{is === null ? '—' : <ins>{is}</ins>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </>
  )
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
