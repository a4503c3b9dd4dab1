import { Page, PageHead } from '@/ui/kit'

export default function Team() {
  return (
    <Page>
      <PageHead title="Team limits" />
    </Page>
  )
}
