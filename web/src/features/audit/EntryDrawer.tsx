import { Drawer } from '@mantine/core'
import { moment } from '@/format/times'
import { actorName } from '@/format/words'
import { useChosenWallet } from '@/session/wallet'
import { CopyId, kit, shortened, Walk } from '@/ui/kit'
import s from './audit.module.css'
import type { Entry } from './Audit'
import { differences } from './differences'
import { actionName, WORDS } from './words'

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
      closeButtonProps={{ 'aria-label': 'Close' }}
      title={
        <span className={kit.walked} tabIndex={-1} data-autofocus>
          {entry ? actionName(entry.action) : 'Entry'}
          <Walk what="entry" ids={entries.map((each) => each.id)} id={id} open={open} />
        </span>
      }
    >
      {entry ? <Content entry={entry} /> : <p className={s.part}>{WORDS.further}</p>}
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
          <Fact name="When">{moment(created_at, wallet.time_zone)}</Fact>
          <Fact name={WORDS.who}>
            {actor_name ?? actorName(actor)}
            {actor_name && <CopyId value={actor} short={shortened(actor)} label="actor ID" />}
          </Fact>
          <Fact name={WORDS.address}>{address ?? '—'}</Fact>
          <Fact name={WORDS.action}>
            <span className="mono">{action}</span>
          </Fact>
          <Fact name={WORDS.subject}>
            <CopyId value={subject} short={shortened(subject)} label="subject" />
          </Fact>
          {request_id && (
            <Fact name={WORDS.request}>
              <CopyId value={request_id} short={shortened(request_id)} label="request ID" />
            </Fact>
          )}
        </dl>
      </div>
      <div className={s.part}>
        {told.length === 0 ? (
          <p className={kit.said}>{WORDS.nothing}</p>
        ) : (
          <table className={s.difference}>
            <caption className="vh">What it was before and after</caption>
            <thead>
              <tr>
                <th scope="col">{WORDS.field}</th>
                <th scope="col">{WORDS.before}</th>
                <th scope="col">{WORDS.after}</th>
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
