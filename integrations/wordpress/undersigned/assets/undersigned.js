// Loads the form when somebody presses the button, and makes its frame as high as the form says.
( function () {
	function load( place ) {
		const frame = document.createElement( 'iframe' );
		frame.src = place.dataset.undersignedSrc;
		frame.title = place.dataset.undersignedTitle;
		frame.width = '100%';
		frame.height = '900';
		place.replaceChildren( frame );
		frame.focus();
	}

	document.querySelectorAll( '[data-undersigned-src]' ).forEach( function ( place ) {
		const button = place.querySelector( 'button' );
		button.hidden = false;
		button.addEventListener( 'click', () => load( place ) );
	} );

	window.addEventListener( 'message', function ( event ) {
		if ( ! event.data || event.data.message !== 'height' || ! Number.isFinite( event.data.value ) ) {
			return;
		}
		document.querySelectorAll( '.undersigned-form iframe' ).forEach( function ( frame ) {
			if ( frame.contentWindow === event.source && new URL( frame.src ).origin === event.origin ) {
				frame.height = String( Math.min( 4000, Math.max( 400, event.data.value + 20 ) ) );
			}
		} );
	} );
} )();
