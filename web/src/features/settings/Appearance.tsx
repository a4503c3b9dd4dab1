import { SegmentedControl, Switch, useMantineColorScheme } from '@mantine/core'
import { useState } from 'react'
import { Card } from '@/ui/kit'
import { shortcutsAreOn, turnShortcuts } from '@/ui/shortcuts'

export function Appearance() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const [on, setOn] = useState(shortcutsAreOn)
  return (
    <Card title="Appearance">
      <SegmentedControl
        fullWidth
        aria-label="Theme"
        value={colorScheme}
        onChange={setColorScheme}
        data={[
          { value: 'auto', label: 'As the system' },
          { value: 'light', label: 'Light' },
          { value: 'dark', label: 'Dark' },
        ]}
      />
      <Switch
        mt={16}
        label="Shortcuts of a single key"
        checked={on}
        onChange={({ currentTarget }) => {
          setOn(currentTarget.checked)
          turnShortcuts(currentTarget.checked)
        }}
      />
    </Card>
  )
}
