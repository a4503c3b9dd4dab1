import { Kbd, Modal, Switch } from '@mantine/core'
import { useState } from 'react'
import { shortcutsAreOn, turnShortcuts } from '@/ui/shortcuts'
import h from './help.module.css'
import { ALL_DESTINATIONS } from './nav'

const KEYS: readonly (readonly [string, readonly string[]])[] = [
  ['Search pages and actions', ['Ctrl', 'K']],
  ...ALL_DESTINATIONS.flatMap((each) =>
    'key' in each ? [[`Go to ${each.label}`, ['G', each.key.toUpperCase()]] as const] : [],
  ),
  ['Search on the page', ['/']],
  ['Next and previous row', ['J', 'K']],
  ['Open the row', ['Enter']],
  ['Close what is open', ['Esc']],
  ['Light or dark theme', ['Shift', 'D']],
  ['This list', ['?']],
]

export default function Help({ isOpen, close }: { isOpen: boolean; close: () => void }) {
  const [on, setOn] = useState(shortcutsAreOn)
  return (
    <Modal
      opened={isOpen}
      onClose={close}
      title="Keyboard shortcuts"
      size={480}
      centered
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <dl className={h.list}>
        {KEYS.map(([does, keys]) => (
          <div key={does}>
            <dt>{does}</dt>
            <dd>
              {keys.map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <Switch
        label="Shortcuts of a single key"
        checked={on}
        onChange={({ currentTarget }) => {
          setOn(currentTarget.checked)
          turnShortcuts(currentTarget.checked)
        }}
      />
    </Modal>
  )
}
