import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { MantineProvider } from '@mantine/core'
import { RouterProvider } from '@tanstack/react-router'
import { attendance } from '@/api/attended'
import { createKhata, KhataProvider, type Khata } from '@/react'
import '@/ui/mantine.css'
import '@/ui/tokens.css'
import '@/ui/global.css'
import { Toasts } from '@/ui/kit'
import { resolver, theme } from '@/ui/theme'
import { router } from './router'
import { createSessionClient } from './session/client'
import { renewedToken } from './session/query'

const client = createSessionClient()
const khata: Khata = createKhata({
  isAttended: attendance(window),
  renewCsrfToken: () => renewedToken(khata, client),
})

const root = document.getElementById('root')
if (!root) throw new Error('The page has no #root.')
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={resolver} defaultColorScheme="auto">
      <Toasts />
      <KhataProvider khata={khata} queryClient={client}>
        <RouterProvider router={router} />
      </KhataProvider>
    </MantineProvider>
  </StrictMode>,
)
