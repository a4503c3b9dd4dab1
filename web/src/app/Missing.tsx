import { Button } from '@mantine/core'
import { Link, type ErrorComponentProps } from '@tanstack/react-router'
import { Failed, Page, PageHead } from '@/ui/kit'
import { says } from './messages'

export function Missing() {
  return (
    <main>
      <Page>
        <PageHead title={says.missing.title} sub={says.missing.sub} />
        <Button component={Link} to="/org/billing">
          {says.missing.back}
        </Button>
      </Page>
    </main>
  )
}

/** A page of which the code broke. What is around it stays. */
export function Broken({ error, reset }: ErrorComponentProps) {
  return (
    <main>
      <Page>
        <Failed what={says.missing.broken} error={error} onRetry={reset} />
      </Page>
    </main>
  )
}
