/** Style sheets are imported for their effect: esbuild writes them beside the panel's script. */
declare module "*.css";
