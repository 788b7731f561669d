// The block in the editor: two lines to fill in, and the block as readers will see it, drawn by the server.
( function ( blocks, element, editor, components, i18n, ServerSideRender ) {
	const el = element.createElement;
	const __ = i18n.__;

	function Edit( props ) {
		const chosen = props.attributes;
		const set = ( name ) => ( value ) => props.setAttributes( { [ name ]: value } );
		const statement = el( components.TextControl, {
			label: __( 'Statement', 'undersigned' ),
			help: __( 'The end of its address, or its whole address.', 'undersigned' ),
			value: chosen.statement,
			onChange: set( 'statement' ),
		} );
		const show = el( components.SelectControl, {
			label: __( 'Show', 'undersigned' ),
			value: chosen.show,
			options: [
				{ value: 'card', label: __( 'Card', 'undersigned' ) },
				{ value: 'form', label: __( 'Form', 'undersigned' ) },
				{ value: 'count', label: __( 'Number', 'undersigned' ) },
				{ value: 'events', label: __( 'Events', 'undersigned' ) },
			],
			onChange: set( 'show' ),
		} );
		const via = el( components.TextControl, {
			label: __( 'Short name of this website', 'undersigned' ),
			help: __( 'By it the site tells how many signed from here. Letters, digits, - and _.', 'undersigned' ),
			value: chosen.via,
			onChange: set( 'via' ),
		} );
		const drawn = chosen.statement
			? el( ServerSideRender, { block: 'undersigned/statement', attributes: chosen } )
			: el( components.Placeholder, { icon: 'edit-page', label: 'Undersigned' }, statement, show );
		return el(
			'div',
			editor.useBlockProps(),
			el( editor.InspectorControls, {}, el( components.PanelBody, {}, statement, show, via ) ),
			drawn
		);
	}

	blocks.registerBlockType( 'undersigned/statement', { edit: Edit, save: () => null } );
} )( window.wp.blocks, window.wp.element, window.wp.blockEditor, window.wp.components, window.wp.i18n, window.wp.serverSideRender );
