import { Guarded, Page, PageHead } from '@/ui/kit'
import { Budgets } from './budgets/Budgets'
import { Invitations } from './members/Invitations'
import { People } from './limits/People'
import { Members } from './members/Members'
import s from './team.module.css'

/** Who is here, and who may use how much. */
export default function Team() {
  return (
    <Page>
      <PageHead title="Team limits" sub="Who is here, and who may use how much." />
      <div className={s.stack}>
        <Guarded what="People and keys could not be shown.">
          <People />
        </Guarded>
        <Budgets />
        <Members />
        <Invitations />
      </div>
    </Page>
  )
}
