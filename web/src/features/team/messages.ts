import type { components } from '@/api/schema'
import type { Member } from '@/api/types'
import { count } from '@/format/numbers'

type Budget = components['schemas']['Budget']

const LEVELS: Record<Budget['level'], string> = {
  organization: 'The organisation',
  team: 'Each team',
  member: 'Each member',
  key: 'Each API key',
}

const UNITS: Record<Budget['unit'], string> = { credits: 'credits', count: 'operations' }

/** What the page of the team and its limits says. */
export const says = {
  title: 'Team limits',
  sub: 'Who is here, and who may use how much.',
  broken: 'People and keys could not be shown.',
  columns: {
    who: 'Who',
    what: 'Of what',
    used: 'Used',
    limit: 'Limit',
    resets: 'Resets',
    then: 'At the limit',
    actions: 'Actions',
  },
  nobody: 'Nobody yet',
  people: {
    title: 'People and keys',
    note: 'Credits of this wallet. A limit holds in the very moment of a charge.',
    empty: 'Whoever is invited, and each API key, is listed here with what it uses.',
    thisMonth: 'this month',
  },
  levels: LEVELS,
  windows: {
    hour: 'Each hour',
    day: 'Each day',
    month: 'Each month',
    lifetime: 'Never',
  } satisfies Record<Budget['window'], string>,
  units: UNITS,
  atLimit: {
    refuse: 'Charges are refused',
    alert: 'People are told',
  } satisfies Record<Budget['on_limit'], string>,
  everything: 'Everything',
  /** Of what a limit holds. */
  part: (of: string, unit: Budget['unit'], isEverywhere: boolean) =>
    `${of}, in ${UNITS[unit]}${isEverywhere ? ', all wallets' : ''}`,
  limit: {
    saved: 'Limit saved',
    holds: (name: string) => `${name} is held to it from the next charge on.`,
    anew: 'It holds from the next charge on.',
    ended: (name: string) => `${name} has no limit of its own any more.`,
    refused: 'The limit was not changed.',
    of: (name: string) => `Limit of ${name}`,
    then: (name: string) => `At the limit of ${name}`,
    usedBy: (name: string) => `Used by ${name}`,
    used: 'Used of the limit',
    none: 'No limit',
    never: 'Never',
    share: (limit: number) => `of ${count(limit)}`,
    shareOfEach: (limit: number) => `of ${count(limit)} for each member`,
    by: (name: string) => ` by ${name}`,
    in: (time: string) => `in ${time}`,
  },
  budgets: {
    title: 'Limits',
    add: 'Add limit',
    none: 'No limits yet',
    empty:
      'A limit holds in the very moment of a charge: the organisation, a team, a member or a key can never use more, whatever runs at the same time.',
  },
  end: {
    short: 'End',
    act: 'End limit',
    title: 'End this limit?',
    text: (name: string) =>
      `${name} may then use as much as the balance and the other limits allow.`,
    done: 'Limit ended',
    detail: 'Charges are no longer held to it.',
  },
  form: {
    failed: 'The limit was not saved.',
    save: 'Save limit',
    for: 'For',
    subject: 'Only this one (optional)',
    subjectHint: 'The member’s, team’s or key’s ID; without it each has the limit by itself',
    of: 'Of',
    categories: 'Categories',
    features: 'Features',
    wallets: 'Wallets',
    allWallets: 'All of them together',
    atMost: 'At most',
    unit: 'Counted in',
    window: 'Begins anew',
    then: 'At the limit',
  },
  members: {
    title: 'Members',
    failed: 'The role was not changed.',
    empty: 'Invite people, or let your platform add those that its charges name.',
    member: 'Member',
    byCharges: 'Known by charges alone',
    inCharges: 'In charges',
    role: 'Role',
    roleOf: (name: string) => `Role of ${name}`,
  },
  roles: {
    owner: 'Owner',
    admin: 'Admin',
    billing: 'Billing',
    member: 'Member',
    viewer: 'Viewer',
    auditor: 'Auditor',
  } satisfies Record<Member['role'], string>,
  remove: {
    short: 'Remove',
    of: (name: string) => `Remove ${name}`,
    title: (name: string) => `Remove ${name}?`,
    act: 'Remove member',
    text: 'They are signed out here at once. What they used stays in the ledger under their name.',
    done: 'Member removed',
  },
  invite: {
    open: 'Invite',
    title: 'Invite a member',
    failed: 'Nobody was invited.',
    act: 'Invite member',
    email: 'E-mail',
    name: 'Name',
    role: 'Role',
    done: 'Done',
    emailed: (email: string) =>
      `We’ve sent a letter to ${email}. You can give them this link too; it is shown this once.`,
    invited: (email: string) =>
      `${email} is invited. Send this link to them; it is shown this once.`,
  },
  invitations: {
    title: 'Open invitations',
    invited: 'Invited',
    role: 'Role',
    goodFor: 'Good for',
    revoke: 'Revoke',
    revokeOf: (email: string) => `Revoke the invitation of ${email}`,
  },
}
