import { Menu } from '@mantine/core'
import type { Opener } from '@/ui/kit'
import { says } from './messages'
import { usePeriod } from './usePeriod'

/** By what usage is grouped. */
export default function GroupChoice({ opener }: { opener: Opener }) {
  const { change } = usePeriod()
  return (
    <Menu defaultOpened>
      <Menu.Target>{opener}</Menu.Target>
      <Menu.Dropdown>
        {Object.entries(says.groups).map(([id, label]) => (
          <Menu.Item key={id} onClick={() => change({ by: id, hide: undefined })}>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
