import { Button } from '@mantine/core'
import { Link, type ErrorComponentProps } from '@tanstack/react-router'
import { Failed, Page, PageHead } from '@/ui/kit'

export function Missing() {
  return (
    <main>
      <Page>
        <PageHead
          title="There is no such page"
          sub="The address may be mistyped, or the page has moved."
        />
        <Button component={Link} to="/org/billing">
          Go to billing
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
        <Failed what="This page could not be shown." error={error} onRetry={reset} />
      </Page>
    </main>
  )
}
