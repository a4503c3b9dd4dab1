import { Guarded, Page, PageHead } from '@/ui/kit'
import { Budgets } from './budgets/Budgets'
import { Invitations } from './members/Invitations'
import { People } from './limits/People'
import { Members } from './members/Members'
import { says } from './messages'
import s from './team.module.css'

/** Who is here, and who may use how much. */
export default function Team() {
  return (
    <Page>
      <PageHead title={says.title} sub={says.sub} />
      <div className={s.stack}>
        <Guarded what={says.broken}>
          <People />
        </Guarded>
        <Budgets />
        <Members />
        <Invitations />
      </div>
    </Page>
  )
}
