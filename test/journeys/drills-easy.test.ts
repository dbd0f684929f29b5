import { proveDrills } from './drill-ground.ts'

proveDrills('easy')
