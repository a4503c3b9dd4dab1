import { Component, type ReactNode } from 'react'
import { Failed } from './Notices'

interface Props {
  /** What could not be shown, as in "The chart could not be shown." */
  what: string
  children: ReactNode
}

/** A part of a page of which the code may break: what is around it stays. */
export class Guarded extends Component<Props, { error: unknown }> {
  override state = { error: null as unknown }

  static getDerivedStateFromError(error: unknown) {
    return { error }
  }

  override render() {
    const { what, children } = this.props
    if (this.state.error === null) return children
    const again = () => this.setState({ error: null })
    return <Failed what={what} error={this.state.error} onRetry={again} />
  }
}
