import { Menu, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { IconKeyboard, IconLogout, IconMoon, IconSun } from '@tabler/icons-react'
import type { Opener } from '@/ui/kit'
import { says } from '../messages'
import { useSignOut } from '../session/useSignOut'

/** What a user may do that is about no page. */
export default function UserChoice({ opener, openHelp }: { opener: Opener; openHelp: () => void }) {
  const { toggleColorScheme } = useMantineColorScheme()
  const isDark = useComputedColorScheme('light') === 'dark'
  const signOut = useSignOut()
  return (
    <Menu defaultOpened position="top-start" width={220}>
      <Menu.Target>{opener}</Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={isDark ? <IconSun size={15} /> : <IconMoon size={15} />}
          onClick={toggleColorScheme}
        >
          {isDark ? says.choice.light : says.choice.dark}
        </Menu.Item>
        <Menu.Item leftSection={<IconKeyboard size={15} />} onClick={openHelp}>
          {says.shortcuts}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={15} />} onClick={signOut}>
          {says.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
