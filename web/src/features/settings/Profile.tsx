import { featureName } from '@/format/words'
import { useSession } from '@/session/session'
import { Avatar, Card, kit } from '@/ui/kit'

/** Who one is here, and what that brings. */
export function Profile() {
  const { user, organization, role } = useSession()
  return (
    <Card title="Profile" right={<Avatar name={user.name} size={28} />}>
      <dl className={kit.facts}>
        <div>
          <dt>Name</dt>
          <dd>{user.name}</dd>
        </div>
        <div>
          <dt>E-mail</dt>
          <dd>{user.email}</dd>
        </div>
        <div>
          <dt>Organisation</dt>
          <dd>{organization.name}</dd>
        </div>
        <div>
          <dt>Role</dt>
          <dd>{featureName(role.toUpperCase())}</dd>
        </div>
      </dl>
    </Card>
  )
}
