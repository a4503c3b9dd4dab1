import { Menu } from '@mantine/core'
import { IconCheck, IconSelector, IconSettings } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useSession } from '@/session/session'
import { useChosenWallet } from '@/session/wallet'
import { useSwitchOrganization } from '../session/useSwitchOrganization'
import { Mark } from './Mark'
import s from './shell.module.css'

/** In which organization we are and on which of its wallets, and how to get to another. */
export function OrganizationMenu() {
  const { organization, memberships } = useSession()
  const { wallet, wallets, choose } = useChosenWallet()
  const switchTo = useSwitchOrganization()
  return (
    <Menu position="bottom-start" width={236}>
      <Menu.Target>
        <button className={s.org} type="button">
          <Mark />
          <span className={s.orgName}>{organization.name}</span>
          <IconSelector size={15} color="var(--text-3)" aria-hidden />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Wallets</Menu.Label>
        {wallets.map(({ id, name }) => (
          <Menu.Item key={id} rightSection={tick(id === wallet.id)} onClick={() => choose(id)}>
            {name}
          </Menu.Item>
        ))}
        {memberships.length > 1 && (
          <>
            <Menu.Divider />
            <Menu.Label>Organisations</Menu.Label>
            {memberships.map(({ organization_id: id, name }) => (
              <Menu.Item
                key={id}
                rightSection={tick(id === organization.id)}
                onClick={() => switchTo(id)}
              >
                {name}
              </Menu.Item>
            ))}
          </>
        )}
        <Menu.Divider />
        <Menu.Item
          component={Link}
          to="/org/settings"
          leftSection={<IconSettings size={15} aria-hidden />}
        >
          Settings
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

const tick = (isChosen: boolean) => isChosen && <IconCheck size={14} aria-label="chosen" />
