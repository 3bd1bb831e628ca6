export { type CommandSpec, commandOf } from '../../state-machine/work';
