<?php
/**
 * The plugin's three settings, and their page under Settings.
 *
 * @package Undersigned
 */

defined( 'ABSPATH' ) || exit;

const UNDERSIGNED_OPTION = 'undersigned';

/**
 * All settings, each with its usual value where nothing was saved.
 *
 * @return array{site: string, click: bool, minutes: int}
 */
function undersigned_settings() {
	$saved = get_option( UNDERSIGNED_OPTION, array() );
	$saved = is_array( $saved ) ? $saved : array();
	return array_merge(
		array(
			'site'    => '',
			'click'   => true,
			'minutes' => 5,
		),
		undersigned_clean( $saved )
	);
}

/**
 * Settings as they may be kept: an origin without path, yes or no, and 1 to 1440 minutes.
 *
 * @param mixed $typed What the form sent, or what was saved.
 * @return array{site: string, click: bool, minutes: int}
 */
function undersigned_clean( $typed ) {
	$typed = is_array( $typed ) ? $typed : array();
	$clean = array(
		'site'    => undersigned_origin( isset( $typed['site'] ) ? (string) $typed['site'] : '' ),
		'click'   => ! empty( $typed['click'] ),
		'minutes' => isset( $typed['minutes'] ) ? max( 1, min( 1440, (int) $typed['minutes'] ) ) : 5,
	);
	if ( ! array_key_exists( 'site', $typed ) && ! array_key_exists( 'click', $typed ) ) {
		$clean['click'] = true; // Nothing was ever saved.
	}
	return $clean;
}

/**
 * The origin of an address, such as https://example.org, or nothing for what is none.
 *
 * @param string $address An address as somebody typed or pasted it.
 * @return string
 */
function undersigned_origin( $address ) {
	$parts = wp_parse_url( trim( $address ) );
	if ( ! is_array( $parts ) || empty( $parts['host'] ) || isset( $parts['user'] ) ) {
		return '';
	}
	$scheme = isset( $parts['scheme'] ) ? strtolower( $parts['scheme'] ) : '';
	if ( ! in_array( $scheme, array( 'http', 'https' ), true ) ) {
		return '';
	}
	$port = isset( $parts['port'] ) ? ':' . (int) $parts['port'] : '';
	return $scheme . '://' . strtolower( $parts['host'] ) . $port;
}

add_action(
	'admin_init',
	function () {
		register_setting(
			'undersigned',
			UNDERSIGNED_OPTION,
			array(
				'type'              => 'object',
				'sanitize_callback' => 'undersigned_clean',
			)
		);
	}
);

add_action(
	'admin_menu',
	function () {
		add_options_page(
			__( 'Undersigned', 'undersigned' ),
			__( 'Undersigned', 'undersigned' ),
			'manage_options',
			'undersigned',
			'undersigned_settings_page'
		);
	}
);

/**
 * The page of the settings.
 */
function undersigned_settings_page() {
	if ( ! current_user_can( 'manage_options' ) ) {
		return;
	}
	$settings = undersigned_settings();
	?>
	<div class="wrap">
		<h1><?php esc_html_e( 'Undersigned', 'undersigned' ); ?></h1>
		<form action="options.php" method="post">
			<?php settings_fields( 'undersigned' ); ?>
			<table class="form-table" role="presentation">
				<tr>
					<th scope="row"><label for="undersigned-site"><?php esc_html_e( 'Address of the site', 'undersigned' ); ?></label></th>
					<td>
						<input class="regular-text" type="url" id="undersigned-site" name="undersigned[site]" value="<?php echo esc_attr( $settings['site'] ); ?>" placeholder="https://sign.example.org">
						<p class="description"><?php esc_html_e( 'Where your statements stand. Only this site is ever asked or shown.', 'undersigned' ); ?></p>
					</td>
				</tr>
				<tr>
					<th scope="row"><?php esc_html_e( 'The form', 'undersigned' ); ?></th>
					<td>
						<label><input type="checkbox" name="undersigned[click]" value="1" <?php checked( $settings['click'] ); ?>> <?php esc_html_e( 'Load nothing from that site before somebody clicks', 'undersigned' ); ?></label>
						<p class="description"><?php esc_html_e( 'Card, number and events never load anything in the reader’s browser: your server fetches them.', 'undersigned' ); ?></p>
					</td>
				</tr>
				<tr>
					<th scope="row"><label for="undersigned-minutes"><?php esc_html_e( 'Ask again after', 'undersigned' ); ?></label></th>
					<td>
						<input class="small-text" type="number" min="1" max="1440" id="undersigned-minutes" name="undersigned[minutes]" value="<?php echo esc_attr( (string) $settings['minutes'] ); ?>">
						<?php esc_html_e( 'minutes', 'undersigned' ); ?>
					</td>
				</tr>
			</table>
			<?php submit_button(); ?>
		</form>
	</div>
	<?php
}
