import { featureName } from '@/format/words'
import { useSession } from '@/session/session'
import { Avatar, Card, kit } from '@/ui/kit'
import { says } from './messages'

/** Who one is here, and what that brings. */
export function Profile() {
  const { user, organization, role } = useSession()
  return (
    <Card title={says.profile.title} right={<Avatar name={user.name} size={28} />}>
      <dl className={kit.facts}>
        <div>
          <dt>{says.profile.name}</dt>
          <dd>{user.name}</dd>
        </div>
        <div>
          <dt>{says.profile.email}</dt>
          <dd>{user.email}</dd>
        </div>
        <div>
          <dt>{says.profile.organization}</dt>
          <dd>{organization.name}</dd>
        </div>
        <div>
          <dt>{says.profile.role}</dt>
          <dd>{featureName(role.toUpperCase())}</dd>
        </div>
      </dl>
    </Card>
  )
}
