import { Page, PageHead } from '@/ui/kit'

export default function Pricing() {
  return (
    <Page>
      <PageHead title="Pricing matrix" />
    </Page>
  )
}
