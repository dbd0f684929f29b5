import { proveDrills } from '../support/drill-ground.ts'

proveDrills('medium')
