import { Page, PageHead } from '@/ui/kit'

export default function Invitation() {
  return (
    <Page>
      <PageHead title="Invitation" />
    </Page>
  )
}
