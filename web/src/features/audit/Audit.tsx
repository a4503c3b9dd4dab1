import { Page, PageHead } from '@/ui/kit'

export default function Audit() {
  return (
    <Page>
      <PageHead title="Audit log" />
    </Page>
  )
}
