<?php
/**
 * What the editor's script needs, and its version; there is no build that would write this.
 *
 * @package Undersigned
 */

return array(
	'dependencies' => array( 'wp-blocks', 'wp-block-editor', 'wp-components', 'wp-element', 'wp-i18n', 'wp-server-side-render' ),
	'version'      => '1.0.0',
);
