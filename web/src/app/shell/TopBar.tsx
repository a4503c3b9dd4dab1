import { ActionIcon, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { IconBell, IconChevronRight, IconFlask, IconMoon, IconSun } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { plural } from '@/format/numbers'
import { Tooltip } from '@/ui/kit'
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
  const theme = isDark ? 'Use light theme' : 'Use dark theme'
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
          <Tooltip label="Payments go to the simulator. No money moves.">
            <span className={s.sim}>
              <IconFlask size={13} stroke={2} aria-hidden />
              Simulator
            </span>
          </Tooltip>
        )}
        <Tooltip label={theme}>
          <ActionIcon aria-label={theme} onClick={toggleColorScheme}>
            {isDark ? <IconSun size={17} stroke={1.8} /> : <IconMoon size={17} stroke={1.8} />}
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Alerts">
          <ActionIcon
            component={Link}
            to="/org/alerts"
            aria-label={`Alerts, ${plural(openAlerts, 'open alert')}`}
          >
            <IconBell size={17} stroke={1.8} />
          </ActionIcon>
        </Tooltip>
      </div>
    </div>
  )
}
