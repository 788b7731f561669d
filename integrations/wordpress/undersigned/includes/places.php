<?php
/**
 * Where it can stand: a shortcode, a block, and a link on a line of its own.
 *
 * @package Undersigned
 */

defined( 'ABSPATH' ) || exit;

add_action(
	'init',
	function () {
		load_plugin_textdomain( 'undersigned', false, dirname( plugin_basename( UNDERSIGNED_FILE ) ) . '/languages' );
		$base = plugins_url( 'assets/', UNDERSIGNED_FILE );
		wp_register_style( 'undersigned', $base . 'undersigned.css', array(), UNDERSIGNED_VERSION );
		wp_register_script( 'undersigned', $base . 'undersigned.js', array(), UNDERSIGNED_VERSION, true );
		add_shortcode( 'undersigned', 'undersigned_shortcode' );
		register_block_type( dirname( UNDERSIGNED_FILE ) . '/block', array( 'render_callback' => 'undersigned_block' ) );
		wp_set_script_translations( 'undersigned-statement-editor-script', 'undersigned' );
	}
);

/**
 * `[undersigned statement="keep-our-libraries-open" show="card" via="our-blog"]`.
 *
 * @param array|string $typed What stands in the shortcode.
 * @return string
 */
function undersigned_shortcode( $typed ) {
	return undersigned_show(
		shortcode_atts(
			array(
				'statement' => '',
				'show'      => 'card',
				'via'       => '',
			),
			is_array( $typed ) ? $typed : array(),
			'undersigned'
		)
	);
}

/**
 * The block; the editor draws it by the same function.
 *
 * @param array $chosen The block's attributes.
 * @return string
 */
function undersigned_block( $chosen ) {
	$html = undersigned_show( $chosen );
	return '' === $html ? '' : '<div ' . get_block_wrapper_attributes() . '>' . $html . '</div>';
}

// A pasted link shows our own card, so that no frame of the site is loaded by readers.
add_filter(
	'pre_oembed_result',
	function ( $result, $url ) {
		if ( null !== $result || '' === undersigned_slug( $url ) || false === strpos( $url, '://' ) ) {
			return $result;
		}
		$html = undersigned_show( array( 'statement' => $url ) );
		return '' === $html ? $result : $html;
	},
	10,
	2
);
