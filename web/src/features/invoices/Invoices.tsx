import { Page, PageHead } from '@/ui/kit'

export default function Invoices() {
  return (
    <Page>
      <PageHead title="Invoices" />
    </Page>
  )
}
