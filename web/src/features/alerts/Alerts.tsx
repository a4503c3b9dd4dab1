import { Page, PageHead } from '@/ui/kit'

export default function Alerts() {
  return (
    <Page>
      <PageHead title="Alerts" />
    </Page>
  )
}
