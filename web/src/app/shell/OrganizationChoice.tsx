import { Menu } from '@mantine/core'
import { IconCheck, IconSettings } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useSession } from '@/session/session'
import { useChosenWallet } from '@/session/wallet'
import type { Opener } from '@/ui/kit'
import { says } from '../messages'
import { useSwitchOrganization } from '../session/useSwitchOrganization'

/** The wallets and organizations there are. */
export default function OrganizationChoice({ opener }: { opener: Opener }) {
  const { organization, memberships } = useSession()
  const { wallet, wallets, choose } = useChosenWallet()
  const switchTo = useSwitchOrganization()
  return (
    <Menu defaultOpened position="bottom-start" width={236}>
      <Menu.Target>{opener}</Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{says.choice.wallets}</Menu.Label>
        {wallets.map(({ id, name }) => (
          <Menu.Item key={id} rightSection={tick(id === wallet.id)} onClick={() => choose(id)}>
            {name}
          </Menu.Item>
        ))}
        {memberships.length > 1 && (
          <>
            <Menu.Divider />
            <Menu.Label>{says.choice.organizations}</Menu.Label>
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
          {says.settings}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

const tick = (isChosen: boolean) =>
  isChosen && <IconCheck size={14} aria-label={says.choice.chosen} />
