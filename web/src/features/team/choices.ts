import { useMay } from '@/session/session'
import { says } from './messages'

/** Codes with their names, as a select offers them. */
export const choices = <T extends string>(of: Record<T, string>) =>
  Object.entries<string>(of).map(([value, label]) => ({ value, label }))

/** The roles that one may give: nobody lets somebody in who may do more. */
export function useRoles() {
  const mayOwner = useMay('organizations:write')
  const mayBilling = useMay('payouts:write')
  const isBeyond = (role: string) =>
    (role === 'owner' && !mayOwner) || (role === 'billing' && !mayBilling)
  return choices(says.roles).map((role) => ({ ...role, disabled: isBeyond(role.value) }))
}
