import { ActionIcon, Kbd } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react'
import { shortcutsAreOn } from '../shortcuts'
import { says } from './messages'
import s from './kit.module.css'
import { Tooltip } from './Tooltip'

interface Props {
  /** What one walks along, as in "Previous entry". */
  what: string
  ids: readonly string[]
  /** The one that is open. */
  id: string | undefined
  open: (id: string) => void
}

/** To the row before and the row after, without closing what is open. */
export function Walk({ what, ids, id, open }: Props) {
  const at = id === undefined ? -1 : ids.indexOf(id)
  const [before, after] = at < 0 ? [] : [ids[at - 1], ids[at + 1]]
  const go = (to: string | undefined) => {
    if (to) open(to)
  }
  const byKey = (to: string | undefined) => () => {
    if (shortcutsAreOn()) go(to)
  }
  useHotkeys([
    ['j', byKey(after)],
    ['k', byKey(before)],
  ])
  const steps = [
    { label: says.walk.before(what), letter: 'K', to: before, Icon: IconChevronUp },
    { label: says.walk.after(what), letter: 'J', to: after, Icon: IconChevronDown },
  ]
  return (
    <span className={s.walk}>
      {steps.map(({ label, letter, to, Icon }) => (
        <Tooltip
          key={letter}
          label={
            <>
              {label} <Kbd>{letter}</Kbd>
            </>
          }
        >
          <ActionIcon aria-label={label} disabled={!to} onClick={() => go(to)}>
            <Icon size={17} stroke={1.8} />
          </ActionIcon>
        </Tooltip>
      ))}
    </span>
  )
}
