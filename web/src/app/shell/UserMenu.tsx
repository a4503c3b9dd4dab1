import { lazy } from 'react'
import { IconDots } from '@tabler/icons-react'
import { featureName } from '@/format/words'
import { useSession } from '@/session/session'
import { Avatar, OnDemandMenu } from '@/ui/kit'
import s from './shell.module.css'

const load = () => import('./UserChoice')
const UserChoice = lazy(load)

export function UserMenu({ openHelp }: { openHelp: () => void }) {
  const { user, role } = useSession()
  return (
    <OnDemandMenu load={load} menu={(opener) => <UserChoice opener={opener} openHelp={openHelp} />}>
      <button type="button" className={s.user}>
        <Avatar name={user.name} size={28} />
        <span className={s.userName}>
          <b>{user.name}</b>
          <small>{featureName(role.toUpperCase())}</small>
        </span>
        <IconDots size={16} color="var(--text-3)" aria-hidden />
      </button>
    </OnDemandMenu>
  )
}
