<?php
// Plays as much of WordPress as the plugin asks of it, after WordPress's own documentation; nothing of WordPress is here.
// Reads from standard input what is saved, what the site answers and what is to be shown; writes what came of it as JSON.

$told = json_decode( stream_get_contents( STDIN ), true );
define( 'ABSPATH', __DIR__ );
define( 'MINUTE_IN_SECONDS', 60 );
define( 'HOUR_IN_SECONDS', 3600 );
define( 'DAY_IN_SECONDS', 86400 );
set_error_handler( function ( $level, $words, $file, $line ) {
	fwrite( STDERR, "$words in $file:$line\n" );
	exit( 70 );
} );

$W = (object) array(
	'options'    => $told['options'] + array( 'date_format' => 'j F Y', 'time_format' => 'H:i' ),
	'transients' => $told['transients'] ?? array(),
	'answers'    => $told['answers'] ?? array(),
	'editor'     => $told['editor'] ?? false,
	'asked'      => array(),
	'enqueued'   => array(),
	'domains'    => array(),
	'hooks'      => array(),
	'shortcodes' => array(),
	'blocks'     => array(),
	'settings'   => array(),
	'queries'    => array(),
);

class WP_Error {}

class Database {
	public $options = 'wp_options';
	public function esc_like( $text ) { return addcslashes( $text, '_%\\' ); }
	public function prepare( $sql, $value ) { return str_replace( '%s', "'" . addslashes( $value ) . "'", $sql ); }
	public function query( $sql ) { global $W; $W->queries[] = $sql; }
}
$wpdb = new Database();

function add_action( $name, $call ) { global $W; $W->hooks[ $name ][] = $call; }
function add_filter( $name, $call, $priority = 10, $takes = 1 ) { global $W; $W->hooks[ $name ][] = $call; }
function add_shortcode( $name, $call ) { global $W; $W->shortcodes[ $name ] = $call; }
function register_block_type( $folder, $more ) {
	global $W;
	$block = json_decode( file_get_contents( "$folder/block.json" ), true );
	$W->blocks[ $block['name'] ] = $more + $block;
}
function register_setting( $group, $name, $more ) { global $W; $W->settings[ $name ] = $more; }
function add_options_page( $title, $menu, $may, $slug, $call ) { global $W; $W->settings['page'] = $call; }
function settings_fields( $group ) { echo '<input type="hidden" name="option_page" value="' . esc_attr( $group ) . '">'; }
function submit_button() { echo '<button>Save</button>'; }
function checked( $is ) { echo $is ? 'checked="checked"' : ''; }
function current_user_can( $what ) { global $W; return $W->editor; }
function shortcode_atts( $usual, $typed, $name ) { return array_intersect_key( $typed, $usual ) + $usual; }
function get_block_wrapper_attributes() { return 'class="wp-block-undersigned-statement"'; }
function load_plugin_textdomain() {}
function wp_set_script_translations() {}
function plugin_basename( $file ) { return 'undersigned/' . basename( $file ); }
function plugins_url( $path, $file ) { return "https://blog.example/wp-content/plugins/undersigned/$path"; }
function wp_register_style() {}
function wp_register_script() {}
function wp_enqueue_style( $name ) { global $W; $W->enqueued[] = "$name.css"; }
function wp_enqueue_script( $name ) { global $W; $W->enqueued[] = "$name.js"; }
function get_option( $name, $usual = false ) { global $W; return $W->options[ $name ] ?? $usual; }
function delete_option( $name ) { global $W; unset( $W->options[ $name ] ); }
function get_transient( $name ) { global $W; return $W->transients[ $name ] ?? false; }
function set_transient( $name, $value, $seconds ) { global $W; $W->transients[ $name ] = $value; }
function is_multisite() { return false; }
function wp_parse_url( $address, $part = -1 ) { return parse_url( $address, $part ); }
function wp_timezone() { return new DateTimeZone( 'Europe/London' ); }
function wp_date( $format, $time, $zone ) { return ( new DateTime( "@$time" ) )->setTimezone( $zone )->format( $format ); }
function number_format_i18n( $number ) { return number_format( $number ); }
function add_query_arg( $name, $value, $address ) {
	return $address . ( false === strpos( $address, '?' ) ? '?' : '&' ) . "$name=$value";
}
function esc_html( $text ) { return htmlspecialchars( $text, ENT_QUOTES, 'UTF-8', false ); }
function esc_attr( $text ) { return esc_html( $text ); }
function esc_url( $address ) {
	return preg_match( '#^(https?://|/)#i', $address ) ? str_replace( '&', '&#038;', str_replace( array( '"', "'", '<', '>', ' ' ), '', $address ) ) : '';
}
function __( $text, $domain = 'default' ) { global $W; $W->domains[ $domain ] = true; return $text; }
function _n( $one, $many, $number, $domain = 'default' ) { return __( 1 === $number ? $one : $many, $domain ); }
function esc_html__( $text, $domain = 'default' ) { return esc_html( __( $text, $domain ) ); }
function esc_attr__( $text, $domain = 'default' ) { return esc_attr( __( $text, $domain ) ); }
function esc_html_e( $text, $domain = 'default' ) { echo esc_html__( $text, $domain ); }
function wp_remote_get( $address, $more ) {
	global $W;
	$W->asked[] = $address;
	return isset( $W->answers[ $address ] ) ? array( 'how' => $more ) + $W->answers[ $address ] : new WP_Error();
}
function is_wp_error( $answer ) { return $answer instanceof WP_Error; }
function wp_remote_retrieve_response_code( $answer ) { return $answer['status']; }
function wp_remote_retrieve_body( $answer ) { return substr( $answer['body'], 0, $answer['how']['limit_response_size'] ); }

function run( $hook, ...$values ) {
	global $W;
	$result = $values[0] ?? null;
	foreach ( $W->hooks[ $hook ] ?? array() as $call ) {
		$result = $call( ...$values );
	}
	return $result;
}

require $told['plugin'] . '/undersigned.php';
run( 'init' );
run( 'admin_init' );
run( 'admin_menu' );
$shown = array();
foreach ( $told['show'] as list( $what, $with ) ) {
	if ( 'shortcode' === $what ) {
		$shown[] = $W->shortcodes['undersigned']( $with );
	} elseif ( 'block' === $what ) {
		$block   = $W->blocks['undersigned/statement'];
		$usual   = array_map( function ( $one ) { return $one['default']; }, $block['attributes'] );
		$shown[] = $block['render_callback']( $with + $usual );
	} elseif ( 'link' === $what ) {
		$shown[] = run( 'pre_oembed_result', null, $with );
	} elseif ( 'save' === $what ) {
		$shown[] = $W->settings['undersigned']['sanitize_callback']( $with );
	} elseif ( 'settings' === $what ) {
		ob_start();
		$W->settings['page']();
		$shown[] = ob_get_clean();
	} elseif ( 'uninstall' === $what ) {
		define( 'WP_UNINSTALL_PLUGIN', true );
		require $told['plugin'] . '/uninstall.php';
		$shown[] = $W->queries;
	}
}
echo json_encode( array(
	'shown'      => $shown,
	'asked'      => $W->asked,
	'enqueued'   => array_values( array_unique( $W->enqueued ) ),
	'domains'    => array_keys( $W->domains ),
	'options'    => $W->options,
	'transients' => $W->transients,
) );
