import { ActionIcon, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { IconBell, IconChevronRight, IconFlask, IconMoon, IconSun } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { Tooltip } from '@/ui/kit'
import { says } from '../messages'
import { LiveSwitch } from './LiveSwitch'
import { groupOf, titleOf } from './nav'
import s from './shell.module.css'
import { useIsSimulated } from './useIsSimulated'
import { useOpenAlerts } from './useOpenAlerts'

export function TopBar({ path }: { path: string }) {
  const { toggleColorScheme } = useMantineColorScheme()
  const isDark = useComputedColorScheme('light') === 'dark'
  const openAlerts = useOpenAlerts()
  const isSimulated = useIsSimulated()
  const theme = isDark ? says.topBar.toLight : says.topBar.toDark
  return (
    <div className={s.bar}>
      <div className={s.crumb}>
        <span>{groupOf(path)}</span>
        <IconChevronRight size={13} aria-hidden />
        <b>{titleOf(path)}</b>
      </div>
      <div className={s.barRight}>
        <LiveSwitch />
        {isSimulated && (
          <Tooltip label={says.topBar.simulated}>
            <span className={s.sim}>
              <IconFlask size={13} stroke={2} aria-hidden />
              {says.topBar.simulator}
            </span>
          </Tooltip>
        )}
        <Tooltip label={theme}>
          <ActionIcon aria-label={theme} onClick={toggleColorScheme}>
            {isDark ? <IconSun size={17} stroke={1.8} /> : <IconMoon size={17} stroke={1.8} />}
          </ActionIcon>
        </Tooltip>
        <Tooltip label={says.topBar.alerts}>
          <ActionIcon
            component={Link}
            to="/org/alerts"
            aria-label={says.topBar.openAlerts(openAlerts)}
          >
            <IconBell size={17} stroke={1.8} />
          </ActionIcon>
        </Tooltip>
      </div>
    </div>
  )
}
