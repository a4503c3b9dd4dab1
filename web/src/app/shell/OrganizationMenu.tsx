import { lazy } from 'react'
import { IconSelector } from '@tabler/icons-react'
import { useSession } from '@/session/session'
import { OnDemandMenu } from '@/ui/kit'
import { Mark } from './Mark'
import s from './shell.module.css'

const load = () => import('./OrganizationChoice')
const OrganizationChoice = lazy(load)

/** In which organization we are, and how to get to another, or to another of its wallets. */
export function OrganizationMenu() {
  const { organization } = useSession()
  return (
    <OnDemandMenu load={load} menu={(opener) => <OrganizationChoice opener={opener} />}>
      <button className={s.org} type="button">
        <Mark />
        <span className={s.orgName}>{organization.name}</span>
        <IconSelector size={15} color="var(--text-3)" aria-hidden />
      </button>
    </OnDemandMenu>
  )
}
