import { Menu, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { IconDots, IconKeyboard, IconLogout, IconMoon, IconSun } from '@tabler/icons-react'
import { featureName } from '@/format/words'
import { useSession } from '@/session/session'
import { Avatar } from '@/ui/kit'
import { useSignOut } from '../session/useSignOut'
import s from './shell.module.css'

export function UserMenu({ openHelp }: { openHelp: () => void }) {
  const { user, role } = useSession()
  const { toggleColorScheme } = useMantineColorScheme()
  const isDark = useComputedColorScheme('light') === 'dark'
  const signOut = useSignOut()
  return (
    <Menu position="top-start" width={220}>
      <Menu.Target>
        <button type="button" className={s.user}>
          <Avatar name={user.name} size={28} />
          <span className={s.userName}>
            <b>{user.name}</b>
            <small>{featureName(role.toUpperCase())}</small>
          </span>
          <IconDots size={16} color="var(--text-3)" aria-hidden />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={isDark ? <IconSun size={15} /> : <IconMoon size={15} />}
          onClick={toggleColorScheme}
        >
          {isDark ? 'Light theme' : 'Dark theme'}
        </Menu.Item>
        <Menu.Item leftSection={<IconKeyboard size={15} />} onClick={openHelp}>
          Keyboard shortcuts
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={15} />} onClick={signOut}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
