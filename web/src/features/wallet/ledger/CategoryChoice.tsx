import { Menu } from '@mantine/core'
import { CATEGORIES, type Opener } from '@/ui/kit'
import { says } from '../messages'
import { useLedgerFilter } from './filter'
import s from './ledger.module.css'

/** The categories that are listed: some, or all. */
export default function CategoryChoice({ opener }: { opener: Opener }) {
  const { categories, change } = useLedgerFilter()
  const choose = (chosen: string[]) => change({ category: chosen.join() })
  return (
    <Menu defaultOpened position="bottom-end">
      <Menu.Target>{opener}</Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => choose([])}>{says.tools.allCategories}</Menu.Item>
        <Menu.Divider />
        <Menu.CheckboxGroup value={categories} onChange={choose}>
          {CATEGORIES.map(({ id, name, color }) => (
            <Menu.CheckboxItem
              key={id}
              value={id}
              rightSection={<i className={s.dot} style={{ background: color }} />}
            >
              {name}
            </Menu.CheckboxItem>
          ))}
        </Menu.CheckboxGroup>
      </Menu.Dropdown>
    </Menu>
  )
}
