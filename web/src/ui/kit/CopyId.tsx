import { CopyButton } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import s from './kit.module.css'
import { says } from './messages'
import { Tooltip } from './Tooltip'

const TOLD_MS = 1400

/** An identifier that a press copies. Its accessible name has what is seen. */
export function CopyId({ value, short, label }: { value: string; short?: string; label: string }) {
  const shown = short ?? value
  return (
    <CopyButton value={value} timeout={TOLD_MS}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? says.copy.done : says.copy.act} position="top">
          <button
            type="button"
            className={s.copy}
            onClick={copy}
            aria-label={(copied ? says.copy.idDone : says.copy.id)(shown, label)}
          >
            <span>{shown}</span>
            {copied ? <IconCheck size={13} /> : <IconCopy size={13} />}
          </button>
        </Tooltip>
      )}
    </CopyButton>
  )
}

/** The beginning and the end of a long identifier: wal_01J5…M4TD. */
export const shortened = (id: string) => (id.length > 16 ? `${id.slice(0, 8)}…${id.slice(-4)}` : id)
