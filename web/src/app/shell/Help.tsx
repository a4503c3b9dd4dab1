import { Kbd, Modal, Switch } from '@mantine/core'
import { useState } from 'react'
import { shortcutsAreOn, turnShortcuts } from '@/ui/shortcuts'
import { says } from '../messages'
import h from './help.module.css'
import { ALL_DESTINATIONS } from './nav'

const KEYS: readonly (readonly [string, readonly string[]])[] = [
  [says.help.search, ['Ctrl', 'K']],
  ...ALL_DESTINATIONS.flatMap((each) =>
    'key' in each ? [[says.help.goTo(each.label), ['G', each.key.toUpperCase()]] as const] : [],
  ),
  [says.help.searchPage, ['/']],
  [says.help.rows, ['J', 'K']],
  [says.help.open, ['Enter']],
  [says.help.close, ['Esc']],
  [says.help.theme, ['Shift', 'D']],
  [says.help.list, ['?']],
]

export default function Help({ isOpen, close }: { isOpen: boolean; close: () => void }) {
  const [on, setOn] = useState(shortcutsAreOn)
  return (
    <Modal
      opened={isOpen}
      onClose={close}
      title={says.shortcuts}
      size={480}
      centered
      closeButtonProps={{ 'aria-label': says.close }}
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
        label={says.help.single}
        checked={on}
        onChange={({ currentTarget }) => {
          setOn(currentTarget.checked)
          turnShortcuts(currentTarget.checked)
        }}
      />
    </Modal>
  )
}
