import { Page, PageHead } from '@/ui/kit'

export default function Webhooks() {
  return (
    <Page>
      <PageHead title="Webhooks" />
    </Page>
  )
}
