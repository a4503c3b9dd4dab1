import { Page, PageHead } from '@/ui/kit'

export default function Keys() {
  return (
    <Page>
      <PageHead title="API keys" />
    </Page>
  )
}
